{#- CTEs of parse_target, the last of them `dated`: the rows of `relation` (plain is the normalised text) with their
    reading as a deadline: is_date, date_comparator, date_value (the last day that is meant; null if no such day is
    named) and date_note. -#}
{% macro parse_target_date(relation) -%}
    {%- set sign = '(' ~ comparison_words('>=') ~ '|' ~ comparison_words('<=') ~ '|'
        ~ comparison_words('>') ~ '|' ~ comparison_words('<') ~ '|' ~ comparison_words('=') ~ ')?[于在]?' -%}
    {%- set year = '(?:((?:19|20)[0-9]{2})年(?:度)?)?' -%}
    {%- set by = '(底前|之前|以前|前|止)' -%}
    {#- A month with or without a year, a day, a part of the month, a word of deadline and what is to be done then. -#}
    {%- set month = '^' ~ sign ~ year ~ '([0-9]{1,2})月份?(?:([0-9]{1,2})[日号])?(月?底|末|下旬|初|上旬|中旬)?(?:' ~ by
        ~ '(.*)|完成)?[。;,、]?$' -%}
    {%- set iso = '^' ~ sign ~ '((?:19|20)[0-9]{2})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})' ~ by ~ '?$' -%}
    {%- set quarter = '^' ~ sign ~ '(?:((?:19|20)[0-9]{2})年(?:度)?|当年|本年度?)?(第?[一二三四1-4]季度|上半年|下半年)(底|末|内)?'
        ~ by ~ '?(?:完成)?[。;,、]?$' -%}
    {%- set year_end = '^' ~ sign ~ '(?:((?:19|20)[0-9]{2})年度?(底|末|内)?|(?:当年|本年|今年|年)度?(底|末|内))' ~ by
        ~ '?(?:完成)?[。;,、]?$' -%}
    {#- The first date of a period, e.g. 2022年1月1日- or 1- before 12月. -#}
    {%- set start = '^(?:(?:(?:19|20)[0-9]{2})年)?(?:[0-9]{1,2}|[0-9]{1,2}月份?(?:[0-9]{1,2}[日号])?)[-~至到]' -%}
date_text as (
    select
        *,
        {{ rx_matches('plain', start) }} as is_period,
        case
            when {{ rx_matches('plain', start) }} then regexp_extract(plain, '{{ start }}(.*)$', 1)
            else plain
        end as date_text
    from {{ relation }}
),

date_form as (
    select
        *,
        case
            {# "≥6月" and, where the row speaks of a period, "12月" are a number of months. #}
            when {{ rx_matches('date_text', '^(?:≥|>=|=>|>)[0-9]{1,2}月$') }} then ''
            when months_are_duration and {{ rx_matches('date_text', '^' ~ sign ~ '[0-9]{1,2}月$') }} then ''
            when
                {{ rx_matches('date_text', month) }}
                and try_cast(regexp_extract(date_text, '{{ month }}', 3) as integer) between 1 and 12
                then 'month'
            when {{ rx_matches('date_text', iso) }} then 'iso'
            when {{ rx_matches('date_text', quarter) }} then 'quarter'
            when {{ rx_matches('date_text', year_end) }} then 'year_end'
            else ''
        end as date_form
    from date_text
),

date_part as (
    select
        *,
        case date_form
            when 'month' then regexp_extract(date_text, '{{ month }}', 1)
            when 'iso' then regexp_extract(date_text, '{{ iso }}', 1)
            when 'quarter' then regexp_extract(date_text, '{{ quarter }}', 1)
            when 'year_end' then regexp_extract(date_text, '{{ year_end }}', 1)
        end as date_sign,
        {# The year of the date itself, else that of the start of its period, else the document's. #}
        coalesce(
            nullif(regexp_extract(date_text, '((?:19|20)[0-9]{2})[-/.年]', 1), ''),
            nullif(regexp_extract(plain, '((?:19|20)[0-9]{2})[-/.年]', 1), ''),
            cast(fiscal_year as string)
        ) as date_year,
        case date_form
            when 'month' then regexp_extract(date_text, '{{ month }}', 3)
            when 'iso' then regexp_extract(date_text, '{{ iso }}', 3)
            when 'year_end' then '12'
            when 'quarter'
                then case
                    when {{ rx_matches('date_text', '[一1]季度') }} then '3'
                    when {{ rx_matches('date_text', '[二2]季度|上半年') }} then '6'
                    when {{ rx_matches('date_text', '[三3]季度') }} then '9'
                    else '12'
                end
        end as date_month,
        case date_form
            when 'month' then regexp_extract(date_text, '{{ month }}', 4)
            when 'iso' then regexp_extract(date_text, '{{ iso }}', 4)
            else ''
        end as date_day,
        case date_form
            when 'month' then regexp_extract(date_text, '{{ month }}', 5)
            when 'quarter' then regexp_extract(date_text, '{{ quarter }}', 4)
            when 'year_end'
                then concat(
                    regexp_extract(date_text, '{{ year_end }}', 3), regexp_extract(date_text, '{{ year_end }}', 4)
                )
            else ''
        end as date_end,
        case date_form
            when 'month' then regexp_extract(date_text, '{{ month }}', 6)
            when 'iso' then regexp_extract(date_text, '{{ iso }}', 5)
            when 'quarter' then regexp_extract(date_text, '{{ quarter }}', 5)
            when 'year_end' then regexp_extract(date_text, '{{ year_end }}', 5)
        end as date_by,
        case when date_form = 'month' then regexp_extract(date_text, '{{ month }}', 7) end as date_note
    from date_form
),

dated as (
    select
        *,
        date_form <> '' as is_date,
        case
            when is_period then 'range'
            when date_sign <> '' then {{ comparator_code('date_sign') }}
            when date_by <> '' or date_end = '内' then '<='
            else 'implicit_eq'
        end as date_comparator,
        case
            when date_day <> ''
                then try_cast(concat(date_year, '-', lpad(date_month, 2, '0'), '-', lpad(date_day, 2, '0')) as date)
            {# "early October" and "before the third quarter" name no last day. #}
            when date_end in ('初', '上旬', '中旬') then null
            when date_form in ('quarter', 'year_end') and date_by in ('前', '之前', '以前') and date_end = '' then null
            else last_day(try_cast(concat(date_year, '-', lpad(date_month, 2, '0'), '-01') as date))
        end as date_value
    from date_part
)
{%- endmacro %}
