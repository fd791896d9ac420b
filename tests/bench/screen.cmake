add_executable(bench_screen ${CMAKE_CURRENT_LIST_DIR}/screen_bench.c)
target_link_libraries(bench_screen PRIVATE lux_compiler ptest base)
target_compile_definitions(bench_screen PRIVATE LUX_BINARY_DIR="${CMAKE_BINARY_DIR}")
