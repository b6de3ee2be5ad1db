{#- Key of a budget unit: md5 of its name as unit_name_normalised (or the list unit_alias) gives it. Two masked names are not
    the same unit, and a document that names no unit is its own: both are salted with the document. -#}
{% macro unit_key(unit_name, document_id) -%}
    case
        when {{ unit_name }} is null or {{ is_masked(unit_name) }}
            then md5(concat_ws('|', coalesce({{ unit_name }}, ''), {{ document_id }}))
        else md5({{ unit_name }})
    end
{%- endmacro %}
