-- An attempt has a name of its own, the same in every database and stream that it gets to: so it is imported once.
ALTER TABLE attempts ADD COLUMN uid TEXT;
UPDATE attempts SET uid = lower(hex(randomblob(16)));
CREATE UNIQUE INDEX attempts_by_uid ON attempts (uid);

-- Whose it is, for those who collect the attempts of a class; '' is the owner of this database.
ALTER TABLE attempts ADD COLUMN learner TEXT NOT NULL DEFAULT '';

DROP INDEX attempts_by_slug;
CREATE INDEX attempts_by_slug ON attempts (slug, learner, id, partial, outcome, started_at, ended_at);

DROP VIEW attempt_summary;
DROP VIEW activity_by_day;
DROP VIEW challenge_progress;
DROP VIEW current_checks;
DROP VIEW last_full_attempt;

-- As before, of the owner's attempts alone. Imported ones that are older have ids below those that were there, down to
-- negative ones: the order of ids stays the order of time.
CREATE VIEW last_full_attempt AS
SELECT slug,
       coalesce(max(id) FILTER (WHERE NOT partial AND outcome IN ('solved', 'unsolved')),
                -9223372036854775807) AS attempt
FROM attempts
WHERE learner = ''
GROUP BY slug;

CREATE VIEW current_checks AS
SELECT newest.slug, c.name, c.title, c.tier, c.verdict, c.cause, c.ms, c.detail, c.attempt, c.position, newest.first_id
FROM (SELECT a.slug, max(r.id) AS id, min(r.id) AS first_id
      FROM last_full_attempt AS f
      JOIN attempts AS a ON a.slug = f.slug AND a.learner = '' AND a.id >= f.attempt
      JOIN check_results AS r ON r.attempt = a.id
      GROUP BY a.slug, r.name) AS newest
JOIN check_results AS c ON c.id = newest.id;

CREATE VIEW challenge_progress AS
SELECT a.slug,
       count(*) AS attempts,
       coalesce(max(a.outcome = 'solved' AND NOT a.partial), 0) AS solved,
       min(a.started_at) AS first_attempt_at,
       min(coalesce(a.ended_at, a.started_at)) FILTER (WHERE a.outcome = 'solved' AND NOT a.partial) AS solved_at,
       coalesce(c.core_passed, 0) AS core_passed,
       coalesce(c.core_total, 0) AS core_total,
       coalesce(c.passed, 0) AS passed,
       coalesce(c.total, 0) AS total,
       l.outcome AS last_outcome,
       l.started_at AS last_attempt_at
FROM attempts AS a
JOIN attempts AS l ON l.id = (SELECT max(id) FROM attempts WHERE slug = a.slug AND learner = '')
LEFT JOIN (SELECT slug,
                  sum(verdict = 'pass' AND tier = 'core') AS core_passed,
                  sum(tier = 'core') AS core_total,
                  sum(verdict = 'pass') AS passed,
                  count(*) AS total
           FROM current_checks
           GROUP BY slug) AS c ON c.slug = a.slug
WHERE a.learner = ''
GROUP BY a.slug;

CREATE VIEW activity_by_day AS
SELECT date(started_at, 'unixepoch', 'localtime') AS day,
       count(*) AS attempts,
       count(DISTINCT slug) AS challenges,
       count(DISTINCT slug) FILTER (WHERE outcome = 'solved' AND NOT partial) AS solved
FROM attempts
WHERE learner = ''
GROUP BY day;

CREATE VIEW attempt_summary AS
SELECT a.*,
       row_number() OVER (PARTITION BY a.slug ORDER BY a.id) AS number,
       coalesce(c.passed, 0) AS passed,
       coalesce(c.total, 0) AS total,
       coalesce(c.core_passed, 0) AS core_passed,
       coalesce(c.core_total, 0) AS core_total,
       EXISTS (SELECT 1 FROM snapshots WHERE attempt = a.id) AS has_source
FROM attempts AS a
LEFT JOIN (SELECT attempt,
                  sum(verdict = 'pass') AS passed,
                  count(*) AS total,
                  sum(verdict = 'pass' AND tier = 'core') AS core_passed,
                  sum(tier = 'core') AS core_total
           FROM check_results
           GROUP BY attempt) AS c ON c.attempt = a.id
WHERE a.learner = '';

-- Everybody's challenges: the best that each of them came to.
CREATE VIEW learner_progress AS
SELECT a.learner,
       a.slug,
       count(*) AS attempts,
       coalesce(max(a.outcome = 'solved' AND NOT a.partial), 0) AS solved,
       coalesce(max(c.core_passed), 0) AS core_passed,
       coalesce(max(c.core_total), 0) AS core_total,
       max(a.started_at) AS last_attempt_at
FROM attempts AS a
LEFT JOIN (SELECT attempt,
                  sum(verdict = 'pass' AND tier = 'core') AS core_passed,
                  sum(tier = 'core') AS core_total
           FROM check_results
           GROUP BY attempt) AS c ON c.attempt = a.id
GROUP BY a.learner, a.slug;
