-- A declared change names a code of the year before and a code of the year of change.
-- One to one (renamed, recoded) keeps the concept, anything else does not.
-- Only one to one is comparable, and not across a reform of the whole classification.
with listed as (
    select
        'function' as class_type,
        class_code,
        concept_id,
        edition_from,
        edition_to
    from {{ ref('function_class') }}
    union all
    select
        class_type,
        class_code,
        concept_id,
        edition_from,
        edition_to
    from {{ ref('economic_class') }}
),

compared as (
    select
        change.class_type,
        change.from_code,
        change.to_code,
        change.change_year,
        change.comparable,
        before.concept_id as concept_before,
        after.concept_id as concept_after,
        reform.reason_code,
        change.change_kind in ('renamed', 'recoded') as is_one_to_one
    from {{ ref('class_change') }} as change
    left join listed as before
        on
            change.class_type = before.class_type
            and change.from_code = before.class_code
            and change.change_year - 1
            between coalesce(before.edition_from, 0) and coalesce(before.edition_to, 9999)
    left join listed as after
        on
            change.class_type = after.class_type
            and change.to_code = after.class_code
            and change.change_year between coalesce(after.edition_from, 0) and coalesce(after.edition_to, 9999)
    left join {{ ref('classification_reform') }} as reform
        on change.class_type = reform.class_type and change.change_year = reform.change_year
)

select *
from compared
where
    concept_before is null
    or concept_after is null
    or is_one_to_one <> (concept_before = concept_after)
    or (comparable = 'yes') <> (is_one_to_one and reason_code is null)
