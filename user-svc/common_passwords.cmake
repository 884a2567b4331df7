# common_passwords.txt -> a sorted C array: cmake -DLIST=… -DOUTPUT=… -P common_passwords.cmake
#
# Rows of one width: the array is plain read-only pages of the program, without the 18,000 pointers
# that the loader of a position-independent program would have to write at every start.
file(STRINGS ${LIST} words)
list(JOIN words "\",\n    \"" rows)
file(WRITE ${OUTPUT} "/* Made from common_passwords.txt at build time. */
#include \"common_passwords.h\"

const char common_passwords[][COMMON_PASSWORD_MAX + 1] = {
    \"${rows}\",
};

const size_t common_password_count = sizeof common_passwords / sizeof *common_passwords;
")
