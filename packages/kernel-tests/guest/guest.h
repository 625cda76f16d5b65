/* The parts of the program that runs inside the guests; main.c says what each command does. */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Whole content of a file, to be freed by the caller; NULL if it can't be read. */
char *slurp(const char *path, size_t *len);
/* Writes a whole file; exits on failure. */
void spill(const char *path, const char *text, size_t len);
/* Moves this process into a cgroup, or into several with colons between them; exits on failure. */
void join_cgroup(const char *cgroups);
/* Seconds on the monotonic clock. */
double now(void);
/* Has this thread use so much CPU time. */
void burn(double seconds);
/* Prints why and exits. */
void fail(const char *what, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Is it one JSON value (RFC 8259) in valid UTF-8? On failure *at is where it ends being one. */
bool json_valid(const char *text, size_t len, size_t *at);

int hostile(int argc, char **argv);
int capture(int argc, char **argv);
int partial(int argc, char **argv);
int foreign(int argc, char **argv);
int as_user(int argc, char **argv);
int hold(int argc, char **argv);
int readers(int argc, char **argv);
int bench(int argc, char **argv);
int crowd(int argc, char **argv);
int churn(int argc, char **argv);
int spin(int argc, char **argv);
int touch(int argc, char **argv);

#endif
