{#- A project name as it comes back in another year: without white space, bracket width and the year that it prints. -#}
{% macro project_name_of_series(expr) -%}
    {{ rx_remove_first(remove_white_space(round_brackets(expr)), '[(]?20[0-9][0-9](?:年度?)?[)]?') }}
{%- endmacro %}
