{#- CTEs of parse_target, the last of them `numbered`: the rows of `relation` (plain and spaced are the normalised text
    without and with its spaces) with their readings as a number, a range and a list:
    is_number, number_comparator, single_value, unit_printed, number_note; tail_value, tail_is_restatement (prose behind
    the number that states it again); range_low, range_high, range_unit; is_list. -#}
{% macro parse_target_number(relation) -%}
    {%- set num = number_pattern() -%}
    {#- 年, 月 and 日 are units only here: the reading as a date goes first. 元/人 and 元每人每月 are units, too. -#}
    {%- set word = '(?:' ~ unit_words() ~ '|年|月|日)' -%}
    {%- set unit = '(?:' ~ word ~ '(?:(?:/|每)' ~ word ~ ')*)' -%}
    {%- set at_least = '及以上|或以上|(?:[(]含[)])?以上' -%}
    {%- set at_most = '及以下|或以下|(?:[(]含[)])?以下|以内|之内|内' -%}
    {%- set around = '左右|上下' -%}
    {%- set suffix = '(' ~ at_least ~ '|' ~ at_most ~ '|' ~ around ~ ')?' -%}
    {%- set stop = '[。;,、/]?$' -%}
    {%- set head = '^([^0-9]*?)(' ~ comparison_words() ~ ')?([-+]?' ~ num ~ '.*)$' -%}
    {%- set clean = '^[(]?(' ~ unit ~ ')?[)]?' ~ suffix ~ stop -%}
    {%- set unit_then_note = '^[(]?(' ~ unit ~ ')[)]?[,;。、:(](.+?)[)]?$' -%}
    {%- set percent_then_note = '^(%%?)([^0-9%].*)$' -%}
    {#- Verbs that only say that the number was reached. -#}
    {%- set verb = '^(?:已|实际|全部)?(?:完成|达成|实现|共计|合计|共|计划)$' -%}
    {#- Prose glued behind the number: a first character that could continue a number, a ratio or a range is none. -#}
    {%- set glued = '^[^0-9.,/:;*×xX~%()+±-]' -%}
    {%- set tail_number = '(' ~ num ~ ')(' ~ unit ~ ')?' ~ suffix ~ stop -%}
    {%- set range_of_two = '^在?(' ~ num ~ ')(' ~ word ~ ')?(?:-|~|至|到)(' ~ num ~ ')(' ~ word ~ ')?(?:之间)?' ~ stop -%}
    {%- set deviation = '^(?:(' ~ num ~ ')(' ~ word ~ ')?)?(?:±|[+]/?-)(' ~ num ~ ')(' ~ word ~ ')?(?:以内|之内|内)?'
        ~ stop -%}
    {%- set item = num ~ ' *' ~ unit -%}
    {%- set list_of_items = '^ *' ~ item ~ '?(?:(?: *[、;] *| +)' ~ item ~ '?)+ *$' -%}
    {%- set list_with_units = '^ *(?:' ~ item ~ ' *[、;,/]? *)+' ~ item ~ ' *$' -%}
    {%- set sign_only = '^(?:' ~ comparison_words(signs_only=true) ~ ')$' -%}
number_form as (
    select
        *,
        {# Both ends in one unit; 2021-2023年 is a period of years, not a range of numbers. #}
        case
            when
                {{ rx_matches('plain', range_of_two) }}
                and regexp_extract(plain, '{{ range_of_two }}', 2)
                in ('', regexp_extract(plain, '{{ range_of_two }}', 4))
                and not {{ rx_matches('plain', '^[0-9]{4}.*年') }}
                then 'two'
            when
                {{ rx_matches('plain', deviation) }}
                and regexp_extract(plain, '{{ deviation }}', 2) in ('', regexp_extract(plain, '{{ deviation }}', 4))
                then 'deviation'
        end as range_form,
        {{ rx_matches('spaced', list_of_items) }}
            or {{ rx_matches('spaced', list_with_units) }} as is_list,
        case
            when {{ rx_matches("regexp_extract(plain, '" ~ head ~ "', 1)", verb) }} then ''
            else regexp_extract(plain, '{{ head }}', 1)
        end as prefix,
        regexp_extract(plain, '{{ head }}', 2) as sign_word,
        regexp_extract(plain, '{{ head }}', 3) as body
    from {{ relation }}
),

number_part as (
    select
        *,
        {{ to_number("regexp_extract(body, '^([-+]?" ~ num ~ ")', 1)") }} as single_value,
        substr(body, length(regexp_extract(body, '^([-+]?{{ num }})', 1)) + 1) as rest,
        case range_form
            when 'two' then {{ to_number("regexp_extract(plain, '" ~ range_of_two ~ "', 1)") }}
            {# ±5% is -5% to 5%. #}
            when 'deviation' then coalesce({{ to_number("regexp_extract(plain, '" ~ deviation ~ "', 1)") }}, 0)
        end as range_start,
        case range_form
            when 'two' then {{ to_number("regexp_extract(plain, '" ~ range_of_two ~ "', 3)") }}
            when 'deviation' then {{ to_number("regexp_extract(plain, '" ~ deviation ~ "', 3)") }}
        end as range_second,
        case range_form
            when 'two' then regexp_extract(plain, '{{ range_of_two }}', 4)
            when 'deviation' then regexp_extract(plain, '{{ deviation }}', 4)
        end as range_unit
    from number_form
),

number_tail as (
    select
        *,
        case range_form when 'two' then range_start when 'deviation' then {{ sum_of_numbers('range_start', '-', 'range_second') }} end as range_low,
        case range_form when 'two' then range_second when 'deviation' then {{ sum_of_numbers('range_start', '+', 'range_second') }} end as range_high,
        {{ to_number("regexp_extract(rest, '" ~ tail_number ~ "', 1)") }} as tail_value,
        regexp_extract(rest, '{{ tail_number }}', 2) as tail_unit,
        case
            when {{ rx_matches('rest', clean) }} then 'clean'
            when {{ rx_matches('rest', unit_then_note) }} then 'unit_then_note'
            when {{ rx_matches('rest', percent_then_note) }} then 'percent_then_note'
            when {{ rx_matches('rest', glued) }} then 'glued'
        end as reading
    from number_part
),

number_restated as (
    select
        *,
        {# 90社会影响力在90%以上 states its number again; 2次每次30人 has another number of another thing. #}
        coalesce(
            tail_value is not null
            and not {{ rx_matches('rest', '[0-9][^0-9.,]+[0-9]') }}
            and (
                {{ rx_matches('tail_unit', '^(?:%|百分比)') }}
                or tail_value = single_value
                or not {{ rx_matches('rest', '^' ~ unit) }}
            ),
            false
        ) as tail_is_restatement
    from number_tail
),

number_unit as (
    select
        *,
        case reading
            when 'clean' then regexp_extract(rest, '{{ clean }}', 1)
            when 'unit_then_note' then regexp_extract(rest, '{{ unit_then_note }}', 1)
            when 'percent_then_note' then '%'
            when 'glued' then case when tail_is_restatement then tail_unit else '' end
        end as unit_printed,
        case when reading = 'clean' then regexp_extract(rest, '{{ clean }}', 2) else '' end as suffix_word,
        case reading
            when 'clean' then prefix
            when 'unit_then_note' then regexp_extract(rest, '{{ unit_then_note }}', 2)
            when 'percent_then_note' then regexp_extract(rest, '{{ percent_then_note }}', 2)
            when 'glued' then rest
        end as number_note
    from number_restated
),

numbered as (
    select
        *,
        {# Words before the number are read only with a comparison, or with 以上 and the like, and nothing else behind. #}
        coalesce(
            single_value is not null
            and not {{ rx_matches('spaced', '[0-9] +[0-9]') }}
            and not (single_value >= 1000 and {{ rx_matches('rest', '^年') }})
            and case reading
                when 'clean'
                    then
                        prefix = ''
                        or ((sign_word <> '' or suffix_word <> '') and not {{ rx_matches('prefix', '[第前比/:*~-]$') }})
                when 'unit_then_note' then prefix = ''
                when 'percent_then_note' then prefix = ''
                when 'glued' then prefix = '' and {{ rx_matches('sign_word', sign_only) }}
            end,
            false
        ) as is_number,
        case
            when sign_word <> '' then {{ comparator_code('sign_word') }}
            when {{ rx_matches('suffix_word', '^(?:' ~ at_least ~ ')$') }} then '>='
            when {{ rx_matches('suffix_word', '^(?:' ~ at_most ~ ')$') }} then '<='
            when {{ rx_matches('suffix_word', '^(?:' ~ around ~ ')$') }} then 'approx'
            else 'implicit_eq'
        end as number_comparator
    from number_unit
)
{%- endmacro %}
