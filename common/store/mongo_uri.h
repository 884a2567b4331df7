/* What STORE_URI=mongodb://… may say. No word of libmongoc here, so that settings may ask. */
#ifndef STORE_MONGO_URI_H
#define STORE_MONGO_URI_H

#include <stdbool.h>
#include "base/error.h"

/* Whether it begins like one: mongodb:// or mongodb+srv://. */
bool mongo_uri_is(const char *uri);

/* Whether it is well-formed and asks for no less than we promise: a write concern below majority,
 * reads from secondaries, writes that the driver repeats by itself and the like are refused, not
 * silently overruled. False: ERR_CONFIG; what it says holds nothing of the URI, which may hold a
 * password. */
bool mongo_uri_check(const char *uri, struct error *err) MUST_USE;

#endif
