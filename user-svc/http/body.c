#include "http/body.h"

#include <stdio.h>
#include <string.h>

struct source body_source(const struct request *request)
{
    struct source source = { "" };

    snprintf(source.text, sizeof source.text, "%s", request_source(request));
    return source;
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

static const struct field_fault password_faults[] = {
    [PASSWORD_TOO_SHORT] = { "too-short", "give at least 8 characters" },
    [PASSWORD_TOO_LONG] = { "too-long", "give at most 128 characters" },
    [PASSWORD_IS_NAME] = { "common-password", "choose other than the username or e-mail" },
    [PASSWORD_COMMON] = { "common-password", "choose a password that fewer people use" },
};

void body_check_password(const struct sent_password *password,
                         const struct sent_confirmation *confirmation, const char *username,
                         const char *email, struct faults *faults)
{
    if (!password->sent)
        return;
    const enum password_fault fault = password_judge(password->text, username, email);
    if (fault != PASSWORD_FINE)
        faults_add(faults, "/password", password_faults[fault].code, password_faults[fault].detail);
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
