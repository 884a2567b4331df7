#include "http/body.h"

#include <stdio.h>
#include <string.h>

struct source body_source(const struct request *request)
{
    struct source source = { "" };

    snprintf(source.text, sizeof source.text, "%s", request_source(request));
    return source;
}

struct actor body_actor(const struct request *request)
{
    return (struct actor){ .user_id = request_caller(request)->user_id,
                           .source = body_source(request) };
}

bool body_decode(const struct request *request, const struct field fields[], size_t count,
                 void *target, struct problem *problem)
{
    return request_decode_body(request, fields, count, target, problem) ||
           problem->type == PROBLEM_INVALID_REQUEST;
}

bool body_judged(struct problem *problem)
{
    if (!faults_any(&problem->faults))
        return problem->type == PROBLEM_NONE;
    return problem_set(problem, PROBLEM_INVALID_REQUEST, "Mend what `errors` names.");
}

bool body_is_at_fault(const struct faults *faults, const char *pointer)
{
    size_t i;
    json_t *fault;

    json_array_foreach(faults->list, i, fault)
    {
        const char *told = json_string_value(json_object_get(fault, "pointer"));
        if (told && strcmp(told, pointer) == 0)
            return true;
    }
    return false;
}

static const struct field_fault password_faults[] = {
    [PASSWORD_TOO_SHORT] = { "too-short", "give at least 8 characters" },
    [PASSWORD_TOO_LONG] = { "too-long", "give at most 128 characters" },
    [PASSWORD_IS_NAME] = { "common-password", "choose other than the username or e-mail" },
    [PASSWORD_COMMON] = { "common-password", "choose a password that fewer people use" },
};

void body_add_password_fault(struct faults *faults, enum password_fault fault)
{
    if (fault != PASSWORD_FINE)
        faults_add(faults, "/password", password_faults[fault].code, password_faults[fault].detail);
}

void body_check_password(const struct sent_password *password,
                         const struct sent_confirmation *confirmation, const char *username,
                         const char *email, struct faults *faults)
{
    if (!password->sent)
        return;
    body_add_password_fault(faults, password_judge(password->text, username, email));
    if (confirmation->sent &&
        (confirmation->too_long || strcmp(password->text, confirmation->text) != 0))
        faults_add(faults, "/passwordConfirm", "mismatch", "give the same text as in password");
}

void body_check_account(const struct sent_account *sent, struct faults *faults)
{
    body_check_password(&sent->password, &sent->confirmation, sent->account.username,
                        sent->account.email, faults);
}

void body_take_account(const struct sent_account *sent, struct new_account *out)
{
    *out = sent->account;
    memcpy(out->password, sent->password.text, sizeof out->password);
}
