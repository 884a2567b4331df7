/* Made on the stack: it has to work when memory is short. */
#include "http/raw_answer.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/id.h"
#include "base/random.h"

enum { ANSWER_BYTES = 1024 };

/* RFC 9110 section 5.6.7. strftime() would follow the locale. */
static void write_date(char *out, size_t size)
{
    static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    const time_t now = time(NULL);
    struct tm tm;

    gmtime_r(&now, &tm);
    snprintf(out, size, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday], tm.tm_mday,
             months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static const char *reason_of(int status)
{
    switch (status) {
    case 408:
        return "Request Timeout";
    case 413:
        return "Content Too Large";
    default:
        return "Service Unavailable";
    }
}

void raw_answer_send(int fd, enum problem_type type, const char *detail, const char *correlation_id)
{
    const struct problem_kind *kind = problem_kind(type);
    const struct id new_id = id_random(&system_random);
    const struct id_text new_text = id_format(&new_id);
    /* One that JSON would have to escape is not worth the code here. */
    const char *id =
        correlation_id && !strpbrk(correlation_id, "\"\\") ? correlation_id : new_text.hex;
    char body[ANSWER_BYTES / 2], answer[ANSWER_BYTES], date[40];

    write_date(date, sizeof date);
    snprintf(body, sizeof body,
             "{\"type\":\"/problems/%s\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\","
             "\"instance\":\"%s\",\"retryable\":%s}",
             kind->slug, kind->title, kind->status, detail, id, kind->retryable ? "true" : "false");
    const int length =
        snprintf(answer, sizeof answer,
                 "HTTP/1.1 %d %s\r\nDate: %s\r\nConnection: close\r\n%s"
                 "X-Request-Id: %s\r\nContent-Type: application/problem+json\r\n"
                 "Content-Length: %zu\r\n\r\n%s",
                 kind->status, reason_of(kind->status), date,
                 kind->status == 503 ? "Retry-After: 1\r\n" : "", id, strlen(body), body);
    /* The kernel's buffer is empty or the client does not read: one try is enough. */
    (void)!send(fd, answer, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL);
}
