add_executable(bench_runner ${CMAKE_CURRENT_LIST_DIR}/runner_bench.c ${CMAKE_CURRENT_LIST_DIR}/figures.c)
target_link_libraries(bench_runner PRIVATE lux_compiler runner course event sandbox base)
add_executable(bench_challenge ${CMAKE_CURRENT_LIST_DIR}/challenge_bench.c ${CMAKE_CURRENT_LIST_DIR}/figures.c)
target_link_libraries(bench_challenge PRIVATE lux_compiler base)
target_compile_definitions(bench_challenge PRIVATE
  LUX_BINARY_DIR="${CMAKE_BINARY_DIR}" LUX_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
add_dependencies(bench_challenge lux)
