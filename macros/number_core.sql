{#- The one number of a cell as [sign]digits[.digits], without separators; '' if the cell is not exactly one number
    (with an optional currency before it and unit behind it), null if the cell is null. Shared by parse_decimal and
    printed_scale. -#}
{% macro number_core(expr) -%}
    {%- set unit = '(?:' ~ unit_words() ~ '|[(](?:' ~ unit_words() ~ ')[)])?' -%}
    {%- set currency = '(?:人民币|RMB|CNY)?[¥￥]?' -%}
    {%- set number = '(?:' ~ number_pattern() ~ '|[.][0-9]+)' -%}
    {%- set minus_behind = '^' ~ currency ~ '(' ~ number ~ ')-' ~ unit ~ '$' -%}
    case
        {# "26 14" is two numbers (two cells run together), never 2614. #}
        when {{ rx_matches(to_halfwidth(expr), '[0-9] +[0-9]') }} then ''
        {# 1.2- is a bookkeeper's negative, and so are (1.2), △1.2 and ▲1.2: the sign before it becomes the minus; commas,
           plus and the rest vanish. #}
        when {{ rx_matches(normalise_printed(expr), minus_behind) }}
            then '-' || replace(regexp_extract({{ normalise_printed(expr) }}, '{{ minus_behind }}', 1), ',', '')
        else translate(
            regexp_extract(
                {{ normalise_printed(expr) }},
                '^{{ currency }}([-+△▲]?[¥￥]?{{ number }}|[(][¥￥]?{{ number }}[)]){{ unit }}$',
                1
            ),
            '(△▲),+¥￥', '---'
        )
    end
{%- endmacro %}
