{#- The one number of a cell as [sign]digits[.digits], without separators; '' if the cell is not exactly one number
    (with an optional unit behind it), null if the cell is null. Shared by parse_decimal and printed_scale. -#}
{% macro number_core(expr) -%}
    {%- set unit = '(?:' ~ unit_words() ~ '|[(](?:' ~ unit_words() ~ ')[)])?' -%}
    case
        {# "26 14" is two numbers (two cells run together), never 2614. #}
        when {{ rx_matches(to_halfwidth(expr), '[0-9] +[0-9]') }} then ''
        {# (1.2) is an accountant's negative: the opening bracket becomes the minus; commas, plus and the rest vanish. #}
        else translate(
            regexp_extract(
                {{ normalise_printed(expr) }},
                '^([-+]?{{ number_pattern() }}|[(]{{ number_pattern() }}[)]){{ unit }}$',
                1
            ),
            '(),+', '-'
        )
    end
{%- endmacro %}
