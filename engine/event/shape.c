#include "event/shape.h"

#define PLAIN(type, kind, member)                              \
    {                                                          \
#member, FIELD_##kind, offsetof(type, member), 0, NULL \
    }
#define ARRAY(type, kind, member, shape_)                                                 \
    {                                                                                     \
#member, FIELD_##kind, offsetof(type, member), offsetof(type, n_##member), shape_ \
    }
#define OBJECT(type, kind, member, shape_)                       \
    {                                                            \
#member, FIELD_##kind, offsetof(type, member), 0, shape_ \
    }
#define NAMED(name, kind, member)                                   \
    {                                                               \
        name, FIELD_##kind, offsetof(struct event, member), 0, NULL \
    }
#define END                          \
    {                                \
        NULL, FIELD_TEXT, 0, 0, NULL \
    }
#define SHAPE(type, label_) \
    static const struct shape type##_shape = {sizeof(struct type), label_, type##_fields}

static const struct field diagnostic_fields[] = {
    PLAIN(struct diagnostic, TEXT, file),    PLAIN(struct diagnostic, INT, line),
    PLAIN(struct diagnostic, INT, column),   PLAIN(struct diagnostic, TEXT, severity),
    PLAIN(struct diagnostic, TEXT, message), END,
};
SHAPE(diagnostic, "message");

static const struct field event_run_check_fields[] = {
    PLAIN(struct event_run_check, TEXT, id),
    PLAIN(struct event_run_check, TEXT, title),
    PLAIN(struct event_run_check, TEXT, clause),
    PLAIN(struct event_run_check, TIER, tier),
    END,
};
SHAPE(event_run_check, "title");

static const struct field step_fields[] = {
    PLAIN(struct step, REAL, at),
    PLAIN(struct step, TEXT, text),
    END,
};
SHAPE(step, "text");

static const struct field excerpt_fields[] = {
    PLAIN(struct excerpt, OPTIONAL, text),
    PLAIN(struct excerpt, COUNT, offset),
    PLAIN(struct excerpt, COUNT, total),
    END,
};
SHAPE(excerpt, "text");

static const struct field process_state_fields[] = {
    PLAIN(struct process_state, INT, pid),
    PLAIN(struct process_state, TEXT, name),
    PLAIN(struct process_state, TEXT, doing),
    END,
};
SHAPE(process_state, "doing");

static const struct field output_line_fields[] = {
    PLAIN(struct output_line, TEXT, program),
    PLAIN(struct output_line, TEXT, stream),
    PLAIN(struct output_line, REAL, at),
    PLAIN(struct output_line, TEXT, text),
    END,
};
SHAPE(output_line, "text");

static const struct field failure_fields[] = {
    PLAIN(struct failure, TEXT, clause),
    PLAIN(struct failure, OPTIONAL, clause_sentence),
    PLAIN(struct failure, TEXT, expectation),
    PLAIN(struct failure, TEXT, observation),
    OBJECT(struct failure, OBJECT, expected, &excerpt_shape),
    OBJECT(struct failure, OBJECT, received, &excerpt_shape),
    PLAIN(struct failure, OFFSET, difference),
    ARRAY(struct failure, TEXTS, hex_expected, NULL),
    ARRAY(struct failure, TEXTS, hex_received, NULL),
    PLAIN(struct failure, OPTIONAL, wait),
    ARRAY(struct failure, OBJECTS, processes, &process_state_shape),
    ARRAY(struct failure, OBJECTS, output, &output_line_shape),
    ARRAY(struct failure, OBJECTS, steps, &step_shape),
    PLAIN(struct failure, OPTIONAL, diagnosis),
    PLAIN(struct failure, OPTIONAL, see),
    ARRAY(struct failure, TEXTS, by_hand, NULL),
    END,
};
SHAPE(failure, "observation");

static const struct field build_start_fields[] = {
    NAMED("language", TEXT, build_start.language),
    NAMED("command", TEXT, build_start.command),
    NAMED("dir", TEXT, build_start.dir),
    NAMED("challenge", OPTIONAL, build_start.challenge),
    NAMED("attempt", OPTIONAL, build_start.attempt),
    NAMED("at", COUNT, build_start.at),
    END,
};

static const struct field build_output_fields[] = {
    NAMED("stream", STREAM, build_output.is_stderr),
    NAMED("text", TEXT, build_output.text),
    END,
};

static const struct field build_end_fields[] = {
    NAMED("ok", BOOL, build_end.ok),
    NAMED("ms", REAL, build_end.ms),
    NAMED("error", OPTIONAL, build_end.error),
    {"diagnostics", FIELD_OBJECTS, offsetof(struct event, build_end.diagnostics),
     offsetof(struct event, build_end.n_diagnostics), &diagnostic_shape},
    END,
};

static const struct field run_start_fields[] = {
    NAMED("challenge", TEXT, run_start.challenge),
    NAMED("number", INT, run_start.number),
    NAMED("title", TEXT, run_start.title),
    NAMED("dir", TEXT, run_start.dir),
    NAMED("level", TEXT, run_start.level),
    NAMED("seed", SEED, run_start.seed),
    NAMED("time_scale", REAL, run_start.time_scale),
    NAMED("jobs", INT, run_start.jobs),
    NAMED("partial", BOOL, run_start.partial),
    {"checks", FIELD_OBJECTS, offsetof(struct event, run_start.checks),
     offsetof(struct event, run_start.n_checks), &event_run_check_shape},
    END,
};

static const struct field check_start_fields[] = {
    NAMED("check", TEXT, check_start.check),
    END,
};

static const struct field event_step_fields[] = {
    NAMED("check", TEXT, step.check),
    NAMED("at", REAL, step.step.at),
    NAMED("text", TEXT, step.step.text),
    END,
};

static const struct field check_end_fields[] = {
    NAMED("check", TEXT, check_end.check),
    NAMED("verdict", VERDICT, check_end.verdict),
    NAMED("cause", CAUSE, check_end.cause),
    NAMED("ms", REAL, check_end.ms),
    NAMED("unstable", BOOL, check_end.unstable),
    NAMED("reason", OPTIONAL, check_end.reason),
    {"notes", FIELD_TEXTS, offsetof(struct event, check_end.notes), offsetof(struct event, check_end.n_notes),
     NULL},
    {"failure", FIELD_POINTER, offsetof(struct event, check_end.failure), 0, &failure_shape},
    END,
};

static const struct field run_end_fields[] = {
    NAMED("solved", BOOL, run_end.solved),
    NAMED("interrupted", BOOL, run_end.interrupted),
    NAMED("passed", INT, run_end.passed),
    NAMED("failed", INT, run_end.failed),
    NAMED("skipped", INT, run_end.skipped),
    NAMED("blocked", INT, run_end.blocked),
    NAMED("errors", INT, run_end.errors),
    NAMED("core_passed", INT, run_end.core_passed),
    NAMED("core_total", INT, run_end.core_total),
    NAMED("ms", REAL, run_end.ms),
    END,
};

static const struct field notice_fields[] = {
    NAMED("warning", BOOL, notice.is_warning),
    NAMED("text", TEXT, notice.text),
    END,
};

const struct event_shape event_shapes[EVENT_NOTICE + 1] = {
    [EVENT_BUILD_START] = {"build_start", build_start_fields},
    [EVENT_BUILD_OUTPUT] = {"build_output", build_output_fields},
    [EVENT_BUILD_END] = {"build_end", build_end_fields},
    [EVENT_RUN_START] = {"run_start", run_start_fields},
    [EVENT_CHECK_START] = {"check_start", check_start_fields},
    [EVENT_STEP] = {"step", event_step_fields},
    [EVENT_CHECK_END] = {"check_end", check_end_fields},
    [EVENT_RUN_END] = {"run_end", run_end_fields},
    [EVENT_NOTICE] = {"notice", notice_fields},
};
