{#- The part of a printed project name that is its code: [code]name, code-name; '' if there is none. -#}
{% macro project_code_prefix(expr) -%}
    regexp_extract(
        {{ round_brackets(expr) }}, '^( *[(]? *[0-9A-Z]{21} *[)]? *[-_]? *)', 1
    )
{%- endmacro %}
