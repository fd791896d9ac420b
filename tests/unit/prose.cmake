lux_test(prose SOURCES prose.c LINKS commands base)
