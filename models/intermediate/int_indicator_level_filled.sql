-- Grain: one row an indicator (target or self-evaluation).
-- Merged level cells carried down within a form; level codes by the name of level 2, since level-1 labels slip to other
-- rows in text of scanned tables. The printed labels stay as printed.
{{ config(materialized='incremental') }}

{%- set label_pattern = '^([一-龥]+?)(?:指标|指)?[(]?[0-9.]*分?[)]?$' %}
{%- set row_order = 'document_id, form_no, stage' %}

with indicator as (
    select
        document_id,
        form_no,
        indicator_no,
        stage,
        level1_printed as level1_own,
        level2_printed as level2_own,
        level3_printed as level3_own,
        {{ carried_down('level1_printed', row_order, 'indicator_no') }} as level1_carried,
        {{ carried_down('level2_printed', row_order, 'indicator_no') }} as level2_carried,
        -- The rows that these two come from.
        {{ carried_down(
            'case when level1_printed is not null then indicator_no end', row_order, 'indicator_no'
        ) }} as level1_row,
        {{ carried_down(
            'case when level2_printed is not null then indicator_no end', row_order, 'indicator_no'
        ) }} as level2_row
    from {{ new_rows(ref('stg_project_indicator')) }}
),

category as (
    select *
    from {{ ref('indicator_category') }}
),

labelled as (
    select
        *,
        regexp_extract({{ normalise_printed('level1_carried') }}, '{{ label_pattern }}', 1) as level1_label,
        regexp_extract({{ normalise_printed('level2_carried') }}, '{{ label_pattern }}', 1) as level2_label
    from indicator
),

coded as (
    select
        labelled.*,
        level1.category_code as level1_label_code,
        level2.parent_code,
        level2.other_parent_code,
        level2.category_code as level2_label_code,
        -- A row under another level 1 than the level 2 above it does not continue that level 2.
        coalesce(
            labelled.level1_row > labelled.level2_row
            and level1.category_code not in (level2.parent_code, coalesce(level2.other_parent_code, '')),
            false
        ) as is_other_branch
    from labelled
    left join category as level1
        on labelled.level1_label = level1.label and level1.category_level = 1
    left join category as level2
        on labelled.level2_label = level2.label and level2.category_level = 2
),

branched as (
    select
        *,
        case when not is_other_branch then level2_label_code end as level2_code,
        case when not is_other_branch then level2_carried end as level2_printed
    from coded
),

decided as (
    select
        *,
        case
            when level2_code is null or level1_label_code in (parent_code, other_parent_code) then level1_label_code
            else parent_code
        end as level1_code,
        {{ carried_down(
            'level3_own', "document_id, form_no, stage, coalesce(level2_printed, '')", 'indicator_no'
        ) }} as level3_carried
    from branched
),

-- The level-1 labels that a form prints anywhere, by code.
form_label as (
    select
        printed.document_id,
        printed.form_no,
        category.category_code,
        min(printed.level1_printed) as level1_printed
    from {{ new_rows(ref('stg_indicator_level')) }} as printed
    inner join category
        on
            regexp_extract({{ normalise_printed('printed.level1_printed') }}, '{{ label_pattern }}', 1) = category.label
            and category.category_level = 1
    group by printed.document_id, printed.form_no, category.category_code
)

select
    decided.document_id,
    decided.form_no,
    decided.indicator_no,
    decided.stage,
    decided.level2_printed,
    decided.level1_code,
    decided.level2_code,
    coalesce(
        decided.level1_own,
        case
            when
                decided.level1_label_code = decided.level1_code
                or (decided.level1_label_code is null and decided.level1_code is null)
                then decided.level1_carried
        end,
        form_label.level1_printed
    ) as level1_printed,
    case
        when decided.stage = 'target' then coalesce(decided.level3_own, decided.level3_carried)
        else decided.level3_own
    end as level3
from decided
left join form_label
    on
        decided.document_id = form_label.document_id
        and decided.form_no = form_label.form_no
        and decided.level1_code = form_label.category_code
