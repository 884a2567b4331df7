/* Cuts this process off from every TCP server, as if none were there. For whole test programs: it
 * stands in for the C library's connect(). */
#ifndef CONTRACT_NETWORK_CUT_H
#define CONTRACT_NETWORK_CUT_H

#include <stdbool.h>

/* True: connections that stand end, new ones are refused. False: they are made again. */
void network_cut(bool cut);

#endif
