add_executable(bench_sandbox sandbox_bench.c)
target_link_libraries(bench_sandbox PRIVATE lux_compiler sandbox base)
