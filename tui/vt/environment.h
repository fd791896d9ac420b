/* The environment of a program inside the terminal. */
#ifndef VT_ENVIRONMENT_H
#define VT_ENVIRONMENT_H

/* A copy of `base` (NULL-terminated "NAME=value") without what belongs to an outer terminal, with TERM and
 * the like as ours are, and with the changes of pty_options.env on top. One NULL-terminated array;
 * environment_free frees it. */
char **environment_new(char *const *base, const char *const *changes);
void environment_free(char **env);

#endif
