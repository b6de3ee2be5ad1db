{#- The money unit that stands behind the number inside a cell: 亿元, 万元, 千元 …, else null.
    bare_multiplier=true also takes "5万" and "2亿" for money: only where the context is a cost, never for "5万人次". -#}
{% macro printed_unit(expr, bare_multiplier=false) -%}
    {%- set units = money_unit_words() ~ ('|[亿億]|[万萬]' if bare_multiplier else '') -%}
    {%- set found = "regexp_extract(" ~ normalise_printed(expr) ~ ", '[0-9][)-]?[(]?(" ~ units ~ ")[)]?$', 1)" -%}
    {%- if bare_multiplier -%}
        case {{ money_unit_name(found) }}
            when '亿' then '亿元'
            when '万' then '万元'
            else {{ money_unit_name(found) }}
        end
    {%- else -%}
        {{ money_unit_name(found) }}
    {%- endif -%}
{%- endmacro %}
