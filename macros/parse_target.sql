{#- The grammar of indicator targets and of actual values (domain.md §4), as CTEs over the CTE `relation`;
    the last of them is `parsed`. Used as   with source as (…), {{ parse_target('source') }}, …

    In:  document_id, form_no, indicator_no,
         printed             what the cell prints
         fiscal_year         integer: the year of a deadline that prints none
         is_cost             boolean: "5万" is money here, elsewhere it is a count
         months_are_duration boolean: "12月" is twelve months here, elsewhere a deadline in December
    Out: document_id, form_no, indicator_no, and
         kind          number / range / date / recurring / list / qualitative / blank
         comparator    >= > <= < = implicit_eq approx range list qualitative; null if blank
         number_value, number_value_high (the upper end of a range), unit, yuan_value (where the unit is money)
         date_value    the last day that is meant; null if the text names no such day
         note_printed  the words around the number, in half width and without spaces
         value_in_tail_differs  those words state the number again, but another one
    A text that fits the grammar only in part is qualitative: half a reading would be a guess. -#}
{% macro parse_target(relation) -%}
    {%- set every = '^每个?(?:半年|年|季|月|旬|周|日|天|学期)度?(?:[0-9]{1,2}月份?)?(?:月?底|末|初|上旬|中旬|下旬|[0-9]{1,2}[日号])?'
        ~ '(底前|之前|以前|前|内)?(?:完成)?[。;,、]?$' -%}
normalised as (
    select
        *,
        {{ normalise_printed('printed') }} as plain,
        {{ to_halfwidth('printed') }} as spaced
    from {{ relation }}
),

{{ parse_target_date('normalised') }},

{{ parse_target_number('dated') }},

kinds as (
    select
        *,
        case
            when plain is null or {{ rx_matches('plain', '^(?:[-/.…·]*|无|指标[0-9]*:?)$') }} then 'blank'
            when {{ rx_matches('plain', every) }} then 'recurring'
            when is_date then 'date'
            when range_low <= range_high then 'range'
            when is_list then 'list'
            when is_number then 'number'
            else 'qualitative'
        end as kind
    from numbered
),

units as (
    select
        *,
        case kind
            when 'number' then {{ normalise_unit('unit_printed', 'is_cost') }}
            when 'range' then {{ normalise_unit('range_unit', 'is_cost') }}
        end as unit
    from kinds
),

parsed as (
    select
        document_id,
        form_no,
        indicator_no,
        kind,
        case kind
            when 'blank' then null
            when 'number' then number_comparator
            when 'date' then date_comparator
            when 'recurring' then case when regexp_extract(plain, '{{ every }}', 1) <> '' then '<=' else 'implicit_eq' end
            else kind
        end as comparator,
        case kind when 'number' then single_value when 'range' then range_low end as number_value,
        case when kind = 'range' then range_high end as number_value_high,
        unit,
        case
            when kind = 'number' then cast(try_cast(single_value as decimal(26, 8)) * {{ amount_unit_factor('unit') }} as decimal(38, 8))
        end as yuan_value,
        case when kind = 'date' then date_value end as date_value,
        case kind
            when 'number' then nullif(number_note, '')
            when 'date' then nullif(date_note, '')
        end as note_printed,
        coalesce(
            kind = 'number' and reading = 'glued' and tail_is_restatement and tail_value <> single_value, false
        ) as value_in_tail_differs
    from units
)
{%- endmacro %}
