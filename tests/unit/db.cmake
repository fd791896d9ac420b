lux_test(db SOURCES ${CMAKE_CURRENT_LIST_DIR}/db.c ${CMAKE_CURRENT_LIST_DIR}/db_damage.c LINKS db base PkgConfig::sqlite)
