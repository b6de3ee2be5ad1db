{#- A printed figure with its unit, unless the print has one of its own, as words behind the number: 25.09 and 万元 give
    25.09万元, but 95元 and 万元 give 95元. -#}
{% macro with_unit(printed, unit) -%}
    coalesce({{ printed }}, '')
    || case when {{ rx_matches(printed, '[0-9０-９][.]?[)）-]?$') }} then coalesce({{ unit }}, '') else '' end
{%- endmacro %}

{#- A printed figure that is compared with one in `beside`: with its own unit where that is another one. -#}
{% macro printed_beside(printed, unit, beside) -%}
    case when {{ unit }} <> {{ beside }} then {{ with_unit(printed, unit) }} else {{ printed }} end
{%- endmacro %}
