{#- Identity of a project: its code where one is printed, else its unit and name. Two masked names are not the same project. -#}
{% macro project_key(code, name, unit_key, document_id) -%}
    coalesce(
        {{ code }},
        md5(concat_ws('|',
            {{ unit_key }},
            coalesce({{ remove_white_space(name) }}, ''),
            case when {{ name }} is null or {{ is_masked(name) }} then {{ document_id }} end
        ))
    )
{%- endmacro %}
