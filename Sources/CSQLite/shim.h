/* SQLite, with functions for what Swift does not import: a macro that is a cast. */
#include <sqlite3.h>

/* SQLite copies the bytes before it returns. */
static inline int sarai_bind_text(sqlite3_stmt *statement, int index, const char *text, int count) {
  return sqlite3_bind_text(statement, index, text, count, SQLITE_TRANSIENT);
}
static inline int sarai_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
  return sqlite3_bind_blob(statement, index, bytes, count, SQLITE_TRANSIENT);
}
