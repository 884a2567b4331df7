/* The port's calls, handed to the adapter behind it. */
#include "events/publisher.h"

void publisher_close(struct publisher *publisher)
{
    if (publisher)
        publisher->functions->close(publisher);
}

void publisher_publish(struct publisher *publisher, const struct order_event events[], size_t count,
                       enum publish_outcome outcomes[])
{
    publisher->functions->publish(publisher, events, count, outcomes);
}

int64_t publisher_publish_max_ms(const struct publisher *publisher)
{
    return publisher->functions->publish_max_ms(publisher);
}

bool publisher_healthy(struct publisher *publisher)
{
    return publisher->functions->healthy(publisher);
}

uint64_t publisher_rebuilds(const struct publisher *publisher)
{
    return publisher->functions->rebuilds(publisher);
}
