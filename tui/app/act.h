/* What the actions of the table do, and what keys and mouse lead to them. Private to app. The argument is the
 * table's. */
#ifndef APP_ACT_H
#define APP_ACT_H

#include "model/model.h"

/* ---- act_program.c: the learner's program ---- */
void act_run_all(struct model *m, int argument);
void act_run_selected(struct model *m, int argument);
void act_cancel(struct model *m, int argument);
void act_toggle_watch(struct model *m, int argument);
void act_edit(struct model *m, int argument);
void act_enter_terminal(struct model *m, int argument);
void act_hint(struct model *m, int argument);
void act_build_output(struct model *m, int argument);
void act_next_failure(struct model *m, int argument);
void act_by_hand(struct model *m, int argument);
const char *label_watch(const struct model *m);
const char *label_zoom(const struct model *m);
const char *label_prefix(const struct model *m);

/* ---- act_go.c: where one goes ---- */
void act_do_request(struct model *m, int request); /* enum request, of what has the focus */
void act_go_to_pane(struct model *m, int pane);
void act_next_pane(struct model *m, int step);
void act_toggle_overlay(struct model *m, int overlay);
void act_notes(struct model *m, int argument);
void act_undo_restore(struct model *m, int argument);
void act_show_solved(struct model *m, int argument);
void act_show_solution(struct model *m, int argument);
void act_show_handbook(struct model *m, int argument);
void act_next_challenge(struct model *m, int step);
void act_go_on(struct model *m, int argument);
void act_next_stage(struct model *m, int step);
void act_back(struct model *m, int argument);
void act_back_or_quit(struct model *m, int argument);
void act_quit(struct model *m, int argument);
void act_close_overlay(struct model *m, int argument);
const char *label_quit(const struct model *m);
const char *label_welcome_next(const struct model *m);
const char *label_welcome_move(const struct model *m);

/* ---- act_screen.c: finding, and the screen ---- */
void act_find(struct model *m, int argument);
void act_next_match(struct model *m, int request);
void act_resize_pane(struct model *m, int step);
void act_zoom(struct model *m, int argument);
void act_repaint(struct model *m, int argument);
void act_toggle_mouse(struct model *m, int argument);
void act_suspend(struct model *m, int argument);

/* ---- act_line.c: a line that is typed ---- */
void act_line_move(struct model *m, int where); /* enum lineedit_move */
void act_line_erase(struct model *m, int what); /* enum lineedit_erase */
void act_line_rub_out(struct model *m, int argument);
void act_search_done(struct model *m, int argument);
void act_search_cancel(struct model *m, int argument);
/* Text was typed into it. */
void act_line_changed(struct model *m);

/* ---- act_shell.c: the terminal pane ---- */
void act_leave_shell(struct model *m, int argument);
void act_prefix(struct model *m, int argument);
void act_send_prefix(struct model *m, int argument);
void act_step_out(struct model *m, int argument);
void act_stay(struct model *m, int argument);
void act_neighbour(struct model *m, int request); /* REQUEST_UP ... */
void act_lock(struct model *m, int argument);
void act_look_back(struct model *m, int what); /* enum shell_look */
void act_look(struct model *m, int what);
void act_look_leave(struct model *m, int only_selection);
void act_look_copy(struct model *m, int argument);
void act_look_find(struct model *m, int backwards);
void act_paste_copied(struct model *m, int argument);
void act_toggle_clipboard(struct model *m, int argument);

/* ---- update.c and mouse.c: what comes in ---- */
void update_key(struct model *m, const struct key *k);
void update_mouse(struct model *m, const struct mouse *e);

#endif
