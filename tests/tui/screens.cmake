# The screen without a terminal: models drawn into cells, keys turned into intentions.
set(screen_links app panes model course event tty ui base)
lux_test(screens SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_screens.c ${CMAKE_CURRENT_LIST_DIR}/screens.c
  ${CMAKE_CURRENT_LIST_DIR}/scenes.c ${CMAKE_CURRENT_LIST_DIR}/golden.c LINKS ${screen_links})
lux_test(model SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_model.c ${CMAKE_CURRENT_LIST_DIR}/scenes.c LINKS ${screen_links})
lux_test(going SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_going.c ${CMAKE_CURRENT_LIST_DIR}/scenes.c LINKS ${screen_links})
lux_test(screen_files SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_files.c ${CMAKE_CURRENT_LIST_DIR}/scenes.c LINKS ${screen_links} watch)
lux_test(terminal_pane SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_terminal.c ${CMAKE_CURRENT_LIST_DIR}/scenes.c LINKS ${screen_links})
lux_test(keys SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_keys.c ${CMAKE_CURRENT_LIST_DIR}/scenes.c
  ${CMAKE_CURRENT_LIST_DIR}/golden.c LINKS ${screen_links})
