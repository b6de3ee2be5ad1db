-- Grain: one row per indicator row of a project target or a self-evaluation, with its printed actual value understood.
{{ config(materialized='incremental') }}

with source as (
    {{ indicator_value_source('actual_printed') }}
),

{{ parse_target('source') }},

named as (
    select
        parsed.*,
        coalesce(source.level3, source.description) as indicator_name,
        coalesce(parsed_target.target_unit = '%', false) as target_is_percent
    from parsed
    inner join source
        on
            parsed.document_id = source.document_id
            and parsed.form_no = source.form_no
            and parsed.indicator_no = source.indicator_no
    left join {{ ref('int_indicator_target_parsed') }} as parsed_target
        on
            parsed.document_id = parsed_target.document_id
            and parsed.form_no = parsed_target.form_no
            and parsed.indicator_no = parsed_target.indicator_no
),

scaled as (
    select
        *,
        {{ percent_of_fraction('indicator_name', 'kind', 'unit', 'number_value', 'target_is_percent') }} as is_fraction
    from named
)

select
    document_id,
    form_no,
    indicator_no,
    kind as actual_kind,
    comparator as actual_comparator,
    number_value_high as actual_value_high,
    yuan_value as actual_value_yuan,
    date_value as actual_date,
    is_fraction as actual_is_fraction,
    note_printed,
    case
        when is_fraction then cast(cast(number_value as decimal(20, 8)) * 100 as decimal(38, 8))
        else number_value
    end as actual_value,
    case when is_fraction then '%' else unit end as actual_unit
from scaled
