add_executable(bench_sandbox ${CMAKE_CURRENT_LIST_DIR}/sandbox_bench.c ${CMAKE_CURRENT_LIST_DIR}/figures.c)
target_link_libraries(bench_sandbox PRIVATE lux_compiler sandbox base)
