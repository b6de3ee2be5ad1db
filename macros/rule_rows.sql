{#- A short list of rules as a relation to select from. `rows` are lists of texts in the order of `columns`. -#}
{% macro rule_rows(columns, rows) -%}
    (
        {%- for row in rows %}
        select
            {%- for column in columns %}
            {{ "cast(null as string)" if row[loop.index0] is none else "'" ~ row[loop.index0] ~ "'" }} as {{ column }}{{ "," if not loop.last }}
            {%- endfor %}
        {{ "union all" if not loop.last }}
        {%- endfor %}
    ) as rule
{%- endmacro %}
