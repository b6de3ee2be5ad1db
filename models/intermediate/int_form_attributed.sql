-- Grain: one row a recognised form.
-- Whose figures the form prints, for which year and phase and in which unit: the form's own lines, else the document's.
{{ config(materialized='incremental') }}

with owner as (
    select
        form.*,
        nullif(
            regexp_extract({{ unit_code_prefix('form.unit_printed') }}, '([0-9]+)', 1), ''
        ) as owner_code,
        {{ clean_text(
            "substring(form.unit_printed, length(" ~ unit_code_prefix('form.unit_printed') ~ ") + 1)"
        ) }} as owner_name
    from {{ new_rows(ref('stg_form')) }} as form
),

attributed as (
    select
        owner.document_id,
        owner.form_no,
        owner.form_code,
        owner.form_kind,
        owner.title_printed as form_title_printed,
        owner.unit_printed as unit_name_printed,
        owner.is_declared_empty,
        owner.note_printed,
        owner.recognised_by,
        owner.source_locator,
        owner.source_box,
        document.report_scope,
        document.region_code,
        document.unit_key as publisher_key,
        owner.amount_unit_printed,
        amount_unit.unit_name as amount_unit,
        owner.owner_name is not null as has_owner,
        -- A final account may print forms under titles of the budget (部门收入总表): only a title with 预算 is a budget.
        case
            when
                document.phase = 'final' and owner.phase = 'budget'
                and not coalesce({{ rx_matches('owner.title_printed', '预算') }}, false)
                then 'final'
            else coalesce(owner.phase, document.phase)
        end as phase,
        coalesce(owner.fiscal_year, document.fiscal_year) as fiscal_year,
        coalesce(owner.owner_name, document.publisher_name) as unit_name,
        case when owner.owner_name is null then document.publisher_code else owner.owner_code end as unit_code
    from owner
    inner join {{ ref('int_document_attributed') }} as document on owner.document_id = document.document_id
    left join {{ ref('amount_unit') }} as amount_unit
        on {{ remove_white_space('owner.amount_unit_printed') }} = amount_unit.unit_printed
)

select
    attributed.*,
    {{ unit_key(
        "coalesce(unit_alias.unit_name, " ~ unit_name_normalised('attributed.unit_name') ~ ")", 'attributed.document_id'
    ) }} as unit_key
from attributed
left join {{ ref('unit_alias') }} as unit_alias
    on {{ unit_name_normalised('attributed.unit_name') }} = unit_alias.name_normalised
