# How Lux's own C is compiled. Warnings are errors; the dialect is C17 with GNU extensions.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)

set(LUX_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, empty for none")
option(LUX_FUZZ "Build the libFuzzer targets (clang)" OFF)

add_library(lux_compiler INTERFACE)
target_compile_definitions(lux_compiler INTERFACE _GNU_SOURCE LUX_VERSION="${PROJECT_VERSION}")
target_compile_options(lux_compiler INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wvla -Wmissing-prototypes -Wstrict-prototypes -Wformat=2 -Werror
  -fno-common)
if(CMAKE_C_COMPILER_ID MATCHES Clang)
  # gcc counts no enum as unsigned, and joins string literals of a list when macros are among them: so do we.
  target_compile_options(lux_compiler INTERFACE -Wno-sign-conversion -Wno-string-concatenation)
endif()
if(LUX_SANITIZE)
  target_compile_options(lux_compiler INTERFACE
    -fsanitize=${LUX_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  target_link_options(lux_compiler INTERFACE -fsanitize=${LUX_SANITIZE})
  target_compile_definitions(lux_compiler INTERFACE LUX_SANITIZED=1)
endif()
