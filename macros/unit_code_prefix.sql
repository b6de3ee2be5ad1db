{#- Leading code of an owner line such as 360001某某局, with what parts it from the name; '' if none.
    Six digits or more (department 3 + unit 3) stand directly before a name; three only before a separator,
    since names may begin with a number of their own (110指挥中心). -#}
{% macro unit_code_prefix(expr) -%}
    regexp_extract(
        {{ round_brackets(expr) }}, '^( *[(]?(?:[0-9]{6,12}[) :、_-]*|[0-9]{3}[) :、_-]+))', 1
    )
{%- endmacro %}
