add_executable(bench_vt ${CMAKE_CURRENT_LIST_DIR}/vt_bench.c)
target_link_libraries(bench_vt PRIVATE lux_compiler vt ui base)
