/* How much slower than a quiet one this machine is at the moment: deadlines are stretched by it. */
#ifndef RUNNER_CALIBRATE_H
#define RUNNER_CALIBRATE_H

#include "base/error.h"

enum { TIME_SCALE_MIN = 1, TIME_SCALE_MAX = 8 };

/* LUX_TIME_SCALE if it is set (0.1 to 100), else measured in a few milliseconds, from TIME_SCALE_MIN to
 * TIME_SCALE_MAX. Returns 0, or -1 when the variable holds something else. */
int time_scale(double *out, struct error *err);

/* The measured figures to a scale: by how much a sleep of a millisecond and a fork with its wait took longer
 * than they should, and how many others want each processor. */
double time_scale_of(double oversleep_ms, double fork_ms, double runnable_per_cpu);

/* Processors that this process may use. */
int usable_cpus(void);

/* How many checks run at once when nobody says: enough to use the time that checks spend waiting. */
int default_jobs(void);

#endif
