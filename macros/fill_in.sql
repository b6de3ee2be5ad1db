{#- A template of a message with its {names} replaced by texts; a null text is left out. -#}
{% macro fill_in(template, texts) -%}
    {%- set sql = namespace(text=template) -%}
    {%- for name, text in texts.items() -%}
        {%- set sql.text = "replace(" ~ sql.text ~ ", '{" ~ name ~ "}', coalesce(" ~ text ~ ", ''))" -%}
    {%- endfor -%}
    {{ sql.text }}
{%- endmacro %}
