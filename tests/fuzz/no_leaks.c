/* For fuzzers of the harness: it frees nothing, for its process ends with the check. So leaks are no findings there, and a
 * long run needs memory (-rss_limit_mb=0 lets it have it). */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}
