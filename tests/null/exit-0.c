/* Ends at once, content. */
int main(void)
{
    return 0;
}
