{#- md5 of the parts in order; a null part counts as empty. -#}
{% macro surrogate_key(expressions) -%}
    md5(concat_ws('|'
        {%- for expression in expressions -%}
            , coalesce(cast({{ expression }} as string), '')
        {%- endfor -%}
    ))
{%- endmacro %}
