lux_test(workspace SOURCES workspace.c LINKS workspace course base)
lux_test(toolchain SOURCES toolchain.c LINKS workspace event base)
lux_test(build SOURCES build.c LINKS workspace event base)
