add_executable(bench_runner ${CMAKE_CURRENT_LIST_DIR}/runner_bench.c)
target_link_libraries(bench_runner PRIVATE lux_compiler runner course event sandbox base)
