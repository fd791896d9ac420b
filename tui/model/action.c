/* Names of the groups: see action.h. */
#include "model/action.h"

const char *action_group_name(enum action_group g)
{
    static const char *const names[GROUP_COUNT_] = {
        [GROUP_PROGRAM] = "Your program",
        [GROUP_MOVE] = "Moving",
        [GROUP_GO] = "Going places",
        [GROUP_TEXT] = "Text",
        [GROUP_LOOK] = "Looking back in the terminal",
        [GROUP_SCREEN] = "Screen",
    };
    return names[g];
}
