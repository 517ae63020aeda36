// The plainest ledger on SQLite: one thread, one connection, a loop. What a service has to beat.
//
//   ledger_sqlite FILE ACCOUNTS TRANSFERS BATCH
//
// Opens ACCOUNTS accounts unless FILE has them, then makes TRANSFERS more transfers, BATCH of them in
// each durable commit (WAL, synchronous=FULL): two accounts are changed and a row is added for each.
// Ids are random, as Sarai's are here. Prints `transfers/s CPU-microseconds-a-transfer`, and fails
// unless debits and credits are what was moved.

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static sqlite3 *db;

static void check(int result, int wanted, const char *what) {
  if (result == wanted) return;
  fprintf(stderr, "ledger_sqlite: %s: %s\n", what, sqlite3_errmsg(db));
  exit(1);
}

static void run(const char *sql) { check(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, sql); }

static sqlite3_stmt *prepared(const char *sql) {
  sqlite3_stmt *statement;
  check(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), SQLITE_OK, sql);
  return statement;
}

static void step(sqlite3_stmt *statement) {
  check(sqlite3_step(statement), SQLITE_DONE, "step");
  check(sqlite3_reset(statement), SQLITE_OK, "reset");
}

static uint64_t state = 1;

static uint64_t next_random(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
         (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void transfer(sqlite3_stmt *debit, sqlite3_stmt *credit, sqlite3_stmt *insert, int accounts) {
  int64_t from = (int64_t)(next_random() % (uint64_t)accounts);
  int64_t to = (from + 1 + (int64_t)(next_random() % (uint64_t)(accounts - 1))) % accounts;
  uint64_t id[2] = {next_random(), next_random()};
  sqlite3_bind_int64(debit, 1, from);
  step(debit);
  sqlite3_bind_int64(credit, 1, to);
  step(credit);
  sqlite3_bind_blob(insert, 1, id, sizeof id, SQLITE_STATIC);
  sqlite3_bind_int64(insert, 2, from);
  sqlite3_bind_int64(insert, 3, to);
  step(insert);
}

static int64_t only_number(const char *sql) {
  sqlite3_stmt *statement = prepared(sql);
  check(sqlite3_step(statement), SQLITE_ROW, sql);
  int64_t number = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  return number;
}

int main(int count, char **arguments) {
  if (count != 5 || atoi(arguments[2]) < 2 || atoi(arguments[3]) < 1 || atoi(arguments[4]) < 1) {
    fprintf(stderr, "usage: ledger_sqlite FILE ACCOUNTS TRANSFERS BATCH\n");
    return 2;
  }
  int accounts = atoi(arguments[2]), transfers = atoi(arguments[3]), batch = atoi(arguments[4]);
  check(sqlite3_open(arguments[1], &db), SQLITE_OK, arguments[1]);
  run("PRAGMA journal_mode = WAL");
  run("PRAGMA synchronous = FULL");
  run("CREATE TABLE IF NOT EXISTS account (id INTEGER PRIMARY KEY, debits INTEGER NOT NULL, credits INTEGER NOT NULL)");
  run("CREATE TABLE IF NOT EXISTS transfer (id BLOB PRIMARY KEY, debit INTEGER NOT NULL, credit INTEGER NOT NULL,"
      " amount INTEGER NOT NULL, made_at INTEGER NOT NULL) WITHOUT ROWID");
  sqlite3_stmt *open_account = prepared("INSERT OR IGNORE INTO account VALUES (?, 0, 0)");
  run("BEGIN");
  for (int id = 0; id < accounts; id++) {
    sqlite3_bind_int64(open_account, 1, id);
    step(open_account);
  }
  run("COMMIT");
  sqlite3_stmt *begin = prepared("BEGIN IMMEDIATE"), *commit = prepared("COMMIT");
  sqlite3_stmt *debit = prepared("UPDATE account SET debits = debits + 100 WHERE id = ?");
  sqlite3_stmt *credit = prepared("UPDATE account SET credits = credits + 100 WHERE id = ?");
  sqlite3_stmt *insert = prepared("INSERT INTO transfer VALUES (?, ?, ?, 100, unixepoch())");

  int64_t before = only_number("SELECT count(*) FROM transfer");
  state = 0x9E3779B97F4A7C15 * ((uint64_t)before + 1);
  double began = seconds(), cpu_began = cpu_seconds();
  for (int made = 0; made < transfers;) {
    step(begin);
    for (int place = 0; place < batch && made < transfers; place++, made++) {
      transfer(debit, credit, insert, accounts);
    }
    step(commit);
  }
  double took = seconds() - began, cpu = cpu_seconds() - cpu_began;

  int64_t all = before + transfers, moved = all * 100;
  if (only_number("SELECT sum(debits) FROM account") != moved ||
      only_number("SELECT sum(credits) FROM account") != moved ||
      only_number("SELECT count(*) FROM transfer") != all) {
    fprintf(stderr, "ledger_sqlite: the sums are not what was moved\n");
    return 1;
  }
  printf("%.1f %.3f\n", transfers / took, cpu / transfers * 1e6);
  return 0;
}
