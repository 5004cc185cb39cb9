"""What declarations on a model cannot say: scores only while a round is open, terms that stay, and counting after the reveal.

`equity_tally` owns the four functions that read other people's rows. Nobody can become it; its own policies show it scores
of revealed rounds only, so that even a wrong function could not tell more, or earlier.
"""

from django.db import migrations

HOLD = """
CREATE FUNCTION accountability_hold(the_round uuid, alone boolean) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  key bigint := hashtextextended('accountability_round:' || the_round, 0);
BEGIN
  IF alone THEN
    PERFORM pg_advisory_xact_lock(key);
  ELSE
    PERFORM pg_advisory_xact_lock_shared(key);
  END IF;
END $$;
"""

ONLY_WHILE_OPEN = """
CREATE FUNCTION accountability_only_while_open() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM accountability_hold(NEW.round_id, false);
  -- A new statement has a new snapshot: a reveal that we waited for is seen here.
  IF NOT EXISTS (SELECT FROM accountability_round WHERE id = NEW.round_id AND stage = 'open') THEN
    RAISE EXCEPTION 'This round does not take scores.' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_while_open BEFORE INSERT ON accountability_score
  FOR EACH ROW EXECUTE FUNCTION accountability_only_while_open();
CREATE TRIGGER only_while_open BEFORE INSERT ON accountability_submission
  FOR EACH ROW EXECUTE FUNCTION accountability_only_while_open();
"""

KEEPS_ITS_TERMS = """
CREATE FUNCTION accountability_keeps_its_terms() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF OLD.stage = 'draft' THEN
    RETURN NEW;
  END IF;
  PERFORM accountability_hold(OLD.id, true);
  IF NOT to_jsonb(NEW) @> jsonb_strip_nulls(to_jsonb(OLD) - ARRAY['stage', 'release_id']) THEN
    RAISE EXCEPTION 'What was set when a round opened, or at a later stage, stays.' USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.revealed_at IS NULL AND NEW.revealed_at IS NOT NULL AND current_date < OLD.reveal_from
     AND NOT accountability_all_submitted(OLD.id) THEN
    RAISE EXCEPTION 'This round cannot be revealed yet.' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keeps_its_terms BEFORE UPDATE ON accountability_round
  FOR EACH ROW EXECUTE FUNCTION accountability_keeps_its_terms();
"""

ALL_SUBMITTED = """
CREATE FUNCTION accountability_all_submitted(the_round uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM accountability_reviewer WHERE round_id = the_round)
     AND NOT EXISTS (
       SELECT FROM accountability_reviewer AS reviewer
        WHERE reviewer.round_id = the_round
          AND NOT EXISTS (SELECT FROM accountability_submission WHERE reviewer_id = reviewer.id))
$$;
"""

TALLY = """
CREATE FUNCTION accountability_tally(the_round uuid)
RETURNS TABLE (item_id uuid, group_code text, answer text, level smallint, replies bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH counted AS (
    SELECT score.item_id, score.group_code, score.answer, score.level, count(*) AS replies,
           sum(count(*)) OVER (PARTITION BY score.item_id, score.group_code) AS in_group
      FROM accountability_score AS score
     WHERE score.round_id = the_round
     GROUP BY score.item_id, score.group_code, score.answer, score.level)
  SELECT item.id, sort.group_code, counted.answer, counted.level, counted.replies
    FROM accountability_round AS round
    JOIN accountability_rounditem AS item ON item.round_id = round.id
    CROSS JOIN (SELECT DISTINCT reviewer.group_code FROM accountability_reviewer AS reviewer
                 WHERE reviewer.round_id = the_round) AS sort
    LEFT JOIN counted ON counted.item_id = item.id AND counted.group_code = sort.group_code
                     AND counted.in_group >= round.threshold
   WHERE round.id = the_round AND round.revealed_at IS NOT NULL
   ORDER BY item.position, sort.group_code, counted.answer, counted.level
$$;
"""

REASONS = """
CREATE FUNCTION accountability_reasons(the_round uuid)
RETURNS TABLE (item_id uuid, group_code text, answer text, level smallint, reason text, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH spoken AS (
    SELECT score.item_id, score.group_code, round.threshold, count(*) >= round.threshold AS is_shown,
           count(*) FILTER (WHERE score.answer <> 'recused') AS reasons
      FROM accountability_score AS score JOIN accountability_round AS round ON round.id = score.round_id
     WHERE round.id = the_round AND round.revealed_at IS NOT NULL
     GROUP BY score.item_id, score.group_code, round.threshold),
  cover AS (
    -- Reasons of a hidden group would be known as theirs if they alone had no label. So the smallest shown group with
    -- enough reasons goes without labels too, and every smaller one; when there is none, all of them.
    SELECT spoken.item_id, bool_or(NOT is_shown AND reasons > 0) AS is_needed,
           min(reasons) FILTER (WHERE is_shown AND reasons >= threshold) AS upto
      FROM spoken GROUP BY spoken.item_id),
  labelled AS (
    SELECT spoken.item_id, spoken.group_code
      FROM spoken JOIN cover ON cover.item_id = spoken.item_id
     WHERE is_shown AND (NOT is_needed OR reasons > upto))
  SELECT score.item_id, labelled.group_code, CASE WHEN labelled.group_code IS NOT NULL THEN score.answer END,
         CASE WHEN labelled.group_code IS NOT NULL THEN score.level END, score.reason, score.language
    FROM accountability_score AS score JOIN accountability_round AS round ON round.id = score.round_id
    LEFT JOIN labelled ON labelled.item_id = score.item_id AND labelled.group_code = score.group_code
   WHERE round.id = the_round AND round.revealed_at IS NOT NULL AND score.answer <> 'recused'
   ORDER BY md5(score.id::text)
$$;
"""

SEAL = """
CREATE FUNCTION accountability_seal(the_round uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT encode(sha256(convert_to(coalesce(string_agg(to_jsonb(score)::text, E'\\n' ORDER BY score.id), ''), 'UTF8')), 'hex')
    FROM accountability_score AS score WHERE score.round_id = the_round
$$;
"""

DEFINED_BY_TALLY = ("all_submitted", "tally", "reasons", "seal")
"""Functions that run as equity_tally. To hand them over it must be able to create in the schema, for this moment only."""

HAND_OVER = "\n".join(
    [
        "REVOKE ALL ON FUNCTION accountability_hold(uuid, boolean) FROM PUBLIC;",
        "GRANT EXECUTE ON FUNCTION accountability_hold(uuid, boolean) TO equity_member, equity_worker, equity_operator;",
        "GRANT CREATE ON SCHEMA public TO equity_tally;",
        *(
            f"REVOKE ALL ON FUNCTION accountability_{name}(uuid) FROM PUBLIC;"
            f" GRANT EXECUTE ON FUNCTION accountability_{name}(uuid) TO equity_member, equity_worker;"
            f" ALTER FUNCTION accountability_{name}(uuid) OWNER TO equity_tally;"
            for name in DEFINED_BY_TALLY
        ),
        "REVOKE CREATE ON SCHEMA public FROM equity_tally;",
    ]
)

BACKWARD = "\n".join(
    [
        "DROP TRIGGER keeps_its_terms ON accountability_round;",
        "DROP TRIGGER only_while_open ON accountability_submission;",
        "DROP TRIGGER only_while_open ON accountability_score;",
        "DROP FUNCTION accountability_keeps_its_terms();",
        "DROP FUNCTION accountability_only_while_open();",
        *(f"DROP FUNCTION accountability_{name}(uuid);" for name in DEFINED_BY_TALLY),
        "DROP FUNCTION accountability_hold(uuid, boolean);",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("accountability", "0001_initial")]
    operations = [
        migrations.RunSQL(
            HOLD + ALL_SUBMITTED + TALLY + REASONS + SEAL + ONLY_WHILE_OPEN + KEEPS_ITS_TERMS + HAND_OVER, BACKWARD
        )
    ]
