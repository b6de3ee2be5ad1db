-- Grain: one row a class (or all classes of a classification) and year in which its series breaks.
-- Mergers, splits and codes with a new meaning, under the old and the new code, and reforms of a whole classification.
-- Classes that only changed name or code one to one are no breaks: they share a concept.

with changed as (
    select
        class_type,
        change_year,
        to_code as class_code,
        change_kind
    from {{ ref('class_change') }}
    where comparable = 'no'
    union all
    select
        class_type,
        change_year,
        from_code as class_code,
        change_kind
    from {{ ref('class_change') }}
    where comparable = 'no'
)

select
    {{ surrogate_key(['class_type', 'change_year', 'class_code']) }} as dim_class_break_key,
    class_type,
    change_year,
    class_code,
    'class_' || min(change_kind) as reason_code
from changed
where class_code is not null
group by class_type, change_year, class_code
union all
select
    {{ surrogate_key(['class_type', 'change_year', "'*'"]) }} as dim_class_break_key,
    class_type,
    change_year,
    '*' as class_code,
    reason_code
from {{ ref('classification_reform') }}
