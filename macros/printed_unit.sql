{#- The money unit that stands behind the number inside a cell: '亿元', '万元', '元', else null.
    bare_multiplier=true also takes "5万" and "2亿" for money: only where the context is a cost, never for "5万人次". -#}
{% macro printed_unit(expr, bare_multiplier=false) -%}
    {%- set units = '亿元|万元|元|亿|万' if bare_multiplier else '亿元|万元|元' -%}
    case regexp_extract({{ normalise_printed(expr) }}, '[0-9][)]?[(]?({{ units }})[)]?$', 1)
        when '亿元' then '亿元'
        when '亿' then '亿元'
        when '万元' then '万元'
        when '万' then '万元'
        when '元' then '元'
    end
{%- endmacro %}
