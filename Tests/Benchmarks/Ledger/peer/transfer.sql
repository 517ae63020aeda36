-- One transfer, as pgbench runs it: the accounts in the order of their ids, lest two transfers wait
-- for each other.
\set first random(0, :accounts - 2)
\set second random(:first + 1, :accounts - 1)
BEGIN;
UPDATE account SET debits = debits + 100 WHERE id = :first;
UPDATE account SET credits = credits + 100 WHERE id = :second;
INSERT INTO transfer VALUES (gen_random_uuid(), :first, :second, 100, now());
END;
