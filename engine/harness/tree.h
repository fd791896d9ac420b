/* The language of checks, continued: whole trees of files, made and expected in a compact form, a line for each entry:
 *
 *     dir/                     a directory
 *     dir/file hello\n         a file and what is in it; without anything behind the name it is empty
 *     run =0755 #!/bin/sh\n    a file (or directory) with these permissions
 *     big %1048576             a file of so many bytes that is all hole
 *     to -> dir/file           a symbolic link
 *     same & dir/file          a hard link to an earlier entry
 *     pipe |                   a FIFO
 *
 * Lines end in a line feed; directories come before what is in them. \n, \\ and \xHH stand for themselves in names and
 * contents, and a space in a name is \x20. */
#ifndef HARNESS_TREE_H
#define HARNESS_TREE_H

#include "harness/check.h"

/* Makes the directory root, if it is not there, and what the lines say in it. */
void make_tree(const char *root, const char *lines);
/* Until there is exactly this below root, and nothing else. Permissions count where a line names them, and that a hole
 * takes no space where a line has one. */
#define expect_tree(root, lines, ...) expect_tree_(root, lines, WAIT_(__VA_ARGS__))
void expect_tree_(const char *root, const char *lines, const struct wait_options *w);

enum same_tree {
    SAME_CONTENT = 0,
    SAME_TIMES = 1 /* modification times to the nanosecond, of directories too */
};
/* The second tree is like the first at this moment: kinds, permissions, contents, targets of links, and which names are
 * links to the same file. */
void expect_same_tree(const char *first, const char *second, enum same_tree what);

#endif
