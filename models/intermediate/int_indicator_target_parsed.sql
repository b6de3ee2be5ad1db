-- Grain: one row per indicator row of a project target or a self-evaluation, with its printed target understood.
{{ config(materialized='incremental') }}

with source as (
    {{ indicator_value_source('target_printed') }}
),

{{ parse_target('source') }},

named as (
    select
        parsed.*,
        source.printed,
        source.level3,
        source.description,
        coalesce(
            max(case when parsed.unit = '%' then 1 else 0 end)
                over (partition by parsed.document_id, parsed.form_no)
            = 1,
            false
        ) as form_prints_percent
    from parsed
    inner join source
        on
            parsed.document_id = source.document_id
            and parsed.form_no = source.form_no
            and parsed.indicator_no = source.indicator_no
),

scaled as (
    select
        *,
        {{ percent_of_fraction(
            'coalesce(level3, description)', 'kind', 'unit', 'number_value', 'form_prints_percent'
        ) }} as is_fraction
    from named
),

united as (
    select
        *,
        case
            when is_fraction then cast(cast(number_value as decimal(20, 8)) * 100 as decimal(38, 8))
            else number_value
        end as target_value,
        case when is_fraction then '%' else unit end as target_unit
    from scaled
),

directed as (
    select
        *,
        coalesce(
            {{ name_direction('level3', 'target_unit') }},
            {{ name_direction('description', 'target_unit') }}
        ) as direction_by_name,
        case
            when kind = 'date' then 'earlier'
            when comparator in ('>=', '>') then 'higher'
            when comparator in ('<=', '<') then 'lower'
            when comparator in ('=', 'range') then 'exact'
        end as direction_by_comparator,
        case when kind = 'qualitative' then {{ text_direction('printed') }} end as direction_by_text
    from united
)

select
    document_id,
    form_no,
    indicator_no,
    kind as target_kind,
    comparator,
    target_value,
    number_value_high as target_value_high,
    target_unit,
    yuan_value as target_value_yuan,
    date_value as target_date,
    is_fraction as target_is_fraction,
    note_printed,
    value_in_tail_differs,
    case
        when kind = 'blank' then 'none'
        else coalesce(direction_by_comparator, direction_by_text, direction_by_name, 'none')
    end as direction,
    case
        when kind = 'blank' then 'none'
        when direction_by_comparator is not null then 'comparator'
        when direction_by_text is not null or direction_by_name is not null then 'name'
        else 'none'
    end as direction_source,
    coalesce(
        (kind = 'number' and comparator in ('>=', '>') and direction_by_name = 'lower')
        or (kind = 'number' and comparator in ('<=', '<') and direction_by_name = 'higher')
        or (kind = 'date' and comparator in ('>=', '>')),
        false
    ) as direction_conflict
from directed
