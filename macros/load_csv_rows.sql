{#- Rows of a seed on Spark, in place of dbt-spark's macro: that one writes each value into the statement unescaped, so that
    "People's congress" breaks it. Only Spark's adapter asks for it. -#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- for chunk in agate_table.rows | batch(1000) -%}
        {%- set statement -%}
            insert into {{ this.render() }}
            select
                {%- for name in agate_table.column_names %}
                cast(c{{ loop.index0 }} as {{ types.get(name, adapter.convert_type(agate_table, loop.index0)) }})
                {{- "," if not loop.last }}
                {%- endfor %}
            from values
            {%- for row in chunk %}
            (
                {%- for value in row -%}
                {%- if value is none -%} cast(null as string)
                {%- else -%} '{{ (value | string).replace("'", "' || chr(39) || '") }}'
                {%- endif -%}
                {{- ", " if not loop.last -}}
                {%- endfor -%}
            ){{ "," if not loop.last }}
            {%- endfor %}
            as t({% for name in agate_table.column_names %}c{{ loop.index0 }}{{ ", " if not loop.last }}{% endfor %})
        {%- endset -%}
        {%- do adapter.add_query(statement, abridge_sql_log=True) -%}
    {%- endfor -%}
{%- endmacro %}
