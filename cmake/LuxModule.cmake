# lux_module(NAME [OBJECT] SOURCES ... [PUBLIC ...] [PRIVATE ...])
#
# A module is a folder, and its headers are included as "NAME/header.h". That path exists only for targets that link
# the module: each module exports one include directory, which holds a single symbolic link NAME -> the folder. PUBLIC
# are the modules and libraries whose headers the module's own headers include; PRIVATE are those that only its sources
# use, and they are not seen by its users. Headers of one's own folder are included the same way.
function(lux_module name)
  cmake_parse_arguments(m "OBJECT" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  set(include_dir ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${include_dir})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${include_dir}/${name} SYMBOLIC)
  if(NOT m_SOURCES)
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${include_dir})
    target_link_libraries(${name} INTERFACE ${m_PUBLIC})
    return()
  endif()
  if(m_OBJECT)
    add_library(${name} OBJECT ${m_SOURCES})
  else()
    add_library(${name} STATIC ${m_SOURCES})
  endif()
  target_include_directories(${name} PUBLIC ${include_dir})
  target_link_libraries(${name} PUBLIC ${m_PUBLIC} PRIVATE lux_compiler ${m_PRIVATE})
endfunction()

# lux_test(NAME SOURCES ... LINKS ...): a cmocka program that ctest runs as NAME.
function(lux_test name)
  cmake_parse_arguments(t "" "TIMEOUT" "SOURCES;LINKS" ${ARGN})
  add_executable(test_${name} ${t_SOURCES})
  set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(test_${name} PRIVATE lux_compiler ${t_LINKS} PkgConfig::cmocka)
  target_compile_definitions(test_${name} PRIVATE LUX_SOURCE_DIR="${CMAKE_SOURCE_DIR}" LUX_BINARY_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME ${name} COMMAND test_${name})
  if(NOT t_TIMEOUT)
    set(t_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${t_TIMEOUT})
endfunction()
